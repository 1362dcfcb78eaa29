import { failure } from "../kit/stage";
import type { Stage } from "../kit/stage";
import type { Visit } from "../kit/browser";
import type { Screen } from "../screens";
import { ANNA, PROOFS, account, prove, report } from "./core";

/** To the choice of folders, where the server answers so. */
async function choose(visit: Visit, folders: Parameters<Stage["says"]>[1]): Promise<Stage> {
  const stage = await prove(visit, report(...PROOFS));
  stage.says("folder_list", folders);
  await visit.see("setup.proofs.all");
  await visit.press("setup.continue");
  await visit.page.getByLabel(visit.word("setup.choose.some")).check();
  return stage;
}

/** To the first load, which goes so. */
async function load(visit: Visit, said: Parameters<Stage["says"]>[1]): Promise<Stage> {
  const stage = await choose(visit, { reply: [] });
  for (const command of ["account_update", "identity_save"]) {
    stage.says(command, { reply: account({}) });
  }
  stage.says("sync_run", said);
  await visit.page.getByLabel(visit.word("setup.choose.every")).check();
  await visit.press("setup.choose.action");
  await visit.see("setup.notify.title");
  await visit.press("setup.continue");
  await visit.page.getByRole("textbox", { name: visit.word("settings.signature") }).waitFor();
  await visit.press("setup.continue");
  await visit.see("setup.loading.title");
  return stage;
}

/** How far the first load is after so many messages. */
const progressed = (messages: number) => ({
  event: "sync_progressed",
  address: ANNA,
  folder: "INBOX",
  messages,
  messages_total: 4217,
  bytes: messages * 61_000,
  bytes_total: 4217 * 61_000,
});

/** The folders and the first load of a mailbox. */
export const LOADING: readonly Screen[] = [
  {
    name: "folders that are asked for",
    open: async (visit) => {
      await choose(visit, "nothing");
      await visit.see("setup.choose.asking");
    },
  },
  {
    name: "folders that the server did not name",
    open: async (visit) => {
      await choose(visit, { reply: [] });
      await visit.see("setup.choose.empty");
    },
  },
  {
    name: "mail that comes",
    open: async (visit) => {
      const stage = await load(visit, "nothing");
      await stage.tells({ event: "inbox_readied", address: ANNA, messages: 50 });
      const left = visit.page.getByText(visit.word("setup.loading.left"), { exact: true });
      /* oxlint-disable no-await-in-loop -- one message comes after the other, until the rate is known */
      for (let messages = 50; !(await left.isVisible()); messages += 1) {
        await stage.tells(progressed(messages));
      }
      /* oxlint-enable no-await-in-loop */
    },
  },
  {
    name: "first load that was stopped",
    open: async (visit) => {
      await load(visit, failure("cancelled", "you"));
      await visit.see("setup.loading.stopped");
    },
  },
];
