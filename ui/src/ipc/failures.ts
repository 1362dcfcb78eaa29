import type { Host } from "./host";

/** Failures reported of one page. A loop of them says nothing new. */
const MOST = 5;

/** Has what nobody caught reported, each kind once, until the function it returns is called. */
export function reportFailures(host: Host, page: EventTarget = window): () => void {
  const seen = new Set<string>();
  const report = (failure: unknown) => {
    if (!(failure instanceof Error) || seen.size === MOST) {
      return;
    }
    const { name, stack = "" } = failure;
    const kind = `${name} ${stack}`;
    if (!seen.has(kind)) {
      seen.add(kind);
      // Whoever could be told about a failure of the report is told nothing new by it.
      host.reportPageFailure({ name, stack }).catch(() => {});
    }
  };
  const thrown = (event: Event) => report((event as ErrorEvent).error);
  const rejected = (event: Event) => report((event as PromiseRejectionEvent).reason);
  page.addEventListener("error", thrown);
  page.addEventListener("unhandledrejection", rejected);
  return () => {
    page.removeEventListener("error", thrown);
    page.removeEventListener("unhandledrejection", rejected);
  };
}
