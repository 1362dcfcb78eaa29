import type { Visit } from "./browser";

/** What the core says to a call: a reply, an error, or nothing for ever. */
export type Line = { reply: unknown } | { error: WireError } | "nothing";

interface WireError {
  code: string;
  fixer: "you" | "administrator" | "provider" | "mailroom";
  params: Record<string, string | number>;
  detail: string;
}

/** A core whose answers to some commands are written down: for what no server of a test can be brought to say. */
export interface Stage {
  /** From now on the command is answered so; the others reach the real core. */
  says(command: string, line: Line | ((payload: Record<string, unknown>) => Line)): void;
  /** Tells the page what happened, in place of the real core's events. */
  tells(...events: readonly object[]): Promise<void>;
  /** Begins anew: nothing is written down any more, and the page is as it opens. */
  clear(): Promise<void>;
}

const stages = new WeakMap<Visit["page"], Stage>();

/** An error as the core writes it. */
export function failure(
  code: string,
  fixer: WireError["fixer"],
  params: WireError["params"] = {},
): { error: WireError } {
  return { error: { code, fixer, params, detail: "" } };
}

/** The stage of a visit, set at the first call. */
export async function stageOf({ page }: Visit): Promise<Stage> {
  const known = stages.get(page);
  if (known !== undefined) {
    return known;
  }
  const lines = new Map<string, Parameters<Stage["says"]>[1]>();
  await page.route("**/call/*", async (route) => {
    const request = route.request();
    const line = lines.get(new URL(request.url()).pathname.split("/").at(-1) ?? "");
    if (line === undefined) {
      return route.fallback();
    }
    const said = typeof line === "function" ? line(request.postDataJSON() as Record<string, unknown>) : line;
    if (said === "nothing") {
      return undefined;
    }
    return "reply" in said
      ? route.fulfill({ json: said.reply })
      : route.fulfill({ status: 400, json: said.error });
  });
  await page.addInitScript(() => {
    const real = globalThis.fetch.bind(globalThis);
    const encoder = new TextEncoder();
    globalThis.fetch = (input, init) => {
      if (!String(input).endsWith("/events")) {
        return real(input, init);
      }
      const body = new ReadableStream({
        start(controller) {
          Object.assign(globalThis, {
            tellPage: (event: object) =>
              controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`)),
          });
        },
      });
      return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
    };
  });
  const stage: Stage = {
    says: (command, line) => void lines.set(command, line),
    tells: (...events) =>
      page.evaluate((told) => {
        const { tellPage } = globalThis as unknown as { tellPage: (event: object) => void };
        told.forEach(tellPage);
      }, events),
    async clear() {
      lines.clear();
      await page.reload();
    },
  };
  stages.set(page, stage);
  await page.reload();
  return stage;
}
