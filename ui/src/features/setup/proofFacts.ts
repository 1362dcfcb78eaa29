import type { IntlShape } from "react-intl";

import type { FactView, ProofView } from "../../ipc/contract";
import { errorText } from "../../shared/errors/text";
import { size } from "../../shared/quantity";
import { readEndpoint } from "./servers";

/** Facts that only a report needs. */
const FOR_REPORTS = new Set(["cipher", "capabilities", "fingerprint", "chain_length"]);

const secondsOf = (milliseconds: number) => Math.max(0.1, Math.round(milliseconds / 100) / 10);

/** A fact in the reader's words; `null` for one that says nothing to a person. */
function words(intl: IntlShape, { fact, value }: FactView): string | null {
  const text = String(value).trim();
  const number = Number(value);
  if (FOR_REPORTS.has(fact) || text === "") {
    return null;
  }
  switch (fact) {
    case "server": {
      const read = readEndpoint(text);
      return read === null ? text : `${read.host}:${read.port}`;
    }
    case "tls_version":
      return text.replace("v", " ");
    case "issuer":
      return intl.formatMessage({ id: "setup.fact.issuer" }, { name: text });
    case "valid_until": {
      const date = intl.formatDate(number, { dateStyle: "medium" });
      return intl.formatMessage({ id: "setup.fact.validUntil" }, { date });
    }
    case "excepted":
      return intl.formatMessage({ id: "setup.fact.excepted" });
    case "folders":
      return intl.formatMessage({ id: "setup.fact.folders" }, { count: number });
    case "messages":
      return intl.formatMessage({ id: "setup.fact.messages" }, { count: number });
    case "bytes":
      return null;
    case "size_limit":
      return intl.formatMessage({ id: "setup.fact.sizeLimit" }, { size: size(intl, number) });
    case "error":
      return errorText(intl, { code: text, fixer: "provider", params: {}, detail: "" }).title;
    case "came_after":
      return intl.formatMessage({ id: "setup.fact.cameAfter" }, { seconds: secondsOf(number) });
    case "left_marked":
      return intl.formatMessage({ id: "setup.fact.leftMarked" }, { folder: text });
    default:
      return text;
  }
}

/** What was tried and seen, a line for each server that a proof is about. */
export function factLines(intl: IntlShape, { tried, seen }: ProofView): string[] {
  const facts = [...tried, ...seen];
  const servers = [...new Set(facts.map(({ server }) => server))];
  return servers
    .map((server) =>
      facts
        .filter((fact) => fact.server === server)
        .map((fact) => words(intl, fact))
        .filter((told) => told !== null)
        .join(" · "),
    )
    .filter((line) => line !== "");
}
