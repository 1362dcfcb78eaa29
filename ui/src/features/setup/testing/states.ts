import { next } from "../machine";
import { INITIAL } from "../state";
import type { Effect, Event, State } from "../state";
import {
  ACCOUNT,
  ADDRESS,
  APP_PASSWORD,
  FOLDERS,
  OAUTH,
  OFFLINE,
  PASSED,
  SUSPECTED,
  candidate,
  detection,
} from "./samples";

/** The state after the events, and the effects of the last one. An answer without a run gets the current one. */
export function play(from: State, ...events: Loose[]): { state: State; effects: readonly Effect[] } {
  let state = from;
  let effects: readonly Effect[] = [];
  for (const event of events) {
    [state, effects] = next(
      state,
      ("answer" in event ? { ...event.answer, run: runOf(state, event.answer.type) } : event) as Event,
    );
  }
  return { state, effects };
}

/** The number that an answer to the last question has: the load has one of its own. */
export function runOf(state: State, answered: Event["type"]): number {
  return answered === "synced" || answered === "sync_failed" ? state.loadRun : state.run;
}

/** An answer of the core before it has its number. */
export type WithoutRun<E> = E extends { run: number } ? Omit<E, "run"> : never;
/** An event, or an answer that gets the number that is asked for. */
export type Loose = Event | { answer: WithoutRun<Event> };

export const answer = (event: WithoutRun<Event>): Loose => ({ answer: event });
export const type = (text: string): Event => ({ type: "text_typed", field: "address", text });
export const detectedAs = (...found: Parameters<typeof detection>) =>
  answer({ type: "detected", offline: true, detection: detection(...found) });
export const host = (server: "imap" | "smtp", text: string): Event => ({
  type: "server_typed",
  server,
  field: "host",
  text,
});
export const password = (text: string): Event => ({ type: "text_typed", field: "password", text });
export const progress = { messages: 5, messagesTotal: 10, bytes: 50, bytesTotal: 100 };

export const ownPage = { method: "oauth2", service: "https://id.hoster.net", url: null, unavailable: null };

export const typed = play(INITIAL, type(ADDRESS)).state;
export const asking = play(typed, { type: "address_submitted" }).state;
export const found = play(asking, detectedAs(candidate())).state;
const foundOauth = play(asking, detectedAs(OAUTH)).state;
export const foundApp = play(asking, detectedAs(APP_PASSWORD)).state;
export const suspected = play(
  asking,
  answer({ type: "detected", offline: true, detection: OFFLINE }),
  answer({ type: "detected", offline: false, detection: detection(SUSPECTED) }),
).state;
export const signin = play(found, { type: "candidate_accepted" }, password("secret")).state;
export const signinOauth = play(foundOauth, { type: "candidate_accepted" }).state;
export const servers = play(
  found,
  { type: "servers_wanted" },
  host("imap", "mail.example.org"),
  host("smtp", "mail.example.org"),
  password("secret"),
).state;
export const adding = play(signin, { type: "signin_submitted" }).state;
export const addingManual = play(servers, { type: "servers_submitted" }).state;
export const addingOauth = play(signinOauth, { type: "signin_submitted" }).state;
export const inBrowser = play(addingOauth, {
  type: "signin_opened",
  address: ADDRESS,
  url: "https://id.example.com/",
}).state;
export const pasted = play(inBrowser, { type: "text_typed", field: "answer", text: " code " }).state;
export const testing = play(adding, answer({ type: "account_added", account: ACCOUNT })).state;
export const tested = play(testing, answer({ type: "tested", proofs: PASSED, report: "" })).state;
export const listing = play(tested, { type: "proofs_accepted" }).state;
export const choosing = play(listing, answer({ type: "folders_listed", folders: FOLDERS })).state;
export const saving = play(choosing, { type: "choice_submitted" }).state;
export const notifying = play(saving, answer({ type: "choice_saved", messages: 0 })).state;
export const savingNotify = play(notifying, { type: "notify_submitted" }).state;
export const signing = play(savingNotify, answer({ type: "notify_saved" })).state;
export const signed = play(signing, { type: "text_typed", field: "name", text: " Anna " }).state;
export const savingSignature = play(signed, { type: "signature_submitted" }).state;
export const loading = play(savingSignature, answer({ type: "signature_saved" })).state;
export const readied = play(loading, { type: "inbox_readied", address: ADDRESS, messages: 50 }).state;
export const loaded = play(readied, answer({ type: "synced", reports: [] })).state;

export const EVERY_STATE: Record<string, State> = {
  INITIAL,
  typed,
  asking,
  found,
  foundOauth,
  foundApp,
  suspected,
  signin,
  signinOauth,
  servers,
  adding,
  addingManual,
  addingOauth,
  inBrowser,
  pasted,
  testing,
  tested,
  listing,
  choosing,
  saving,
  notifying,
  savingNotify,
  signing,
  signed,
  savingSignature,
  loading,
  readied,
  loaded,
};
