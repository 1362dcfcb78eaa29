import type { TrustedCertificate, WireError } from "../../ipc/contract";

/** A certificate that a server showed. Times are Unix milliseconds. */
export interface ShownCertificate {
  subject: string;
  issuer: string;
  /** The hosts that it is for. */
  names: string[];
  from: number | null;
  until: number | null;
  fingerprint: string;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
const number = (value: unknown) => (typeof value === "number" ? value : null);

/** The certificates that stand in an error, the server's own first: the JSON that the core puts into `chain`. */
export function chainOf(error: WireError): ShownCertificate[] {
  try {
    const chain: unknown = JSON.parse(String(error.params["chain"] ?? "[]"));
    return (Array.isArray(chain) ? chain : []).map((shown: Record<string, unknown>) => ({
      subject: text(shown["subject"]),
      issuer: text(shown["issuer"]),
      names: Array.isArray(shown["names"]) ? shown["names"].map(String) : [],
      from: number(shown["from"]),
      until: number(shown["until"]),
      fingerprint: text(shown["fingerprint"]),
    }));
  } catch {
    return [];
  }
}

/** What a person would trust to get past the error; `null` where the core lets nobody. */
export function exceptionFor(error: WireError): TrustedCertificate | null {
  const { host, port, fingerprint } = error.params;
  return typeof host === "string" && typeof port === "number" && typeof fingerprint === "string"
    ? { host, port, fingerprint }
    : null;
}

/** A fingerprint in groups, as people compare it: `AB12 CD34 …`. */
export function grouped(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/.{1,4}/g) ?? []).join(" ");
}
