import type { DraftView } from "../../ipc/contract";

/** What is known about the message that a draft answers or passes on. */
export interface DraftQuote {
  /** `Name <address>` */
  from: string[];
  to: string[];
  cc: string[];
  /** Unix milliseconds. */
  date: number | null;
  subject: string;
  /** Safe HTML that loads nothing; its own pictures are inline files of the draft. */
  html: string;
  text: string;
  /** The text with `>` before each line, wrapped. */
  quoted: string;
}

/** A draft as it was opened. Signature and quote are only there until it was saved for the first time. */
export type OpenedDraft = DraftView & { quote: DraftQuote | null; signature: string | null };
