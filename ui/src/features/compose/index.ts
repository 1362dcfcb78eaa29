export { ComposeProvider, useCompose } from "./ComposeProvider";
export type { Compose } from "./ComposeProvider";
export { ComposerPane } from "./ComposerPane";
export { OutboxPane, useOutboxCount } from "./OutboxPane";
export { LocalDrafts } from "./LocalDrafts";
