import type { MailExported, MailImported } from "./contract";

/** What surrounds the page on this machine, beside the core: the desktop window, or a browser that can do less. */
export interface Host {
  /** What this host can do at all. What it cannot do does nothing when it is asked for. */
  readonly can: HostAbilities;
  /** Draws the tray, the badge and the menu anew. Everything is given each time. Says what is there now. */
  setDesk(desk: Desk): Promise<DeskState>;
  /** Shows a notification; a later one with the same tag takes its place. A click on it arrives at `listen`. */
  notify(notice: Notice): Promise<void>;
  /** Takes a notification away, where the system can. */
  withdraw(tag: string): Promise<void>;
  /** Whether the program starts when the person signs in to the computer. */
  autostart(): Promise<Autostart>;
  /** Changes it and says what it is then. Fails when it cannot be changed. */
  setAutostart(enabled: boolean): Promise<Autostart>;
  /** Opens a message in a window of its own, or brings the one that shows it to the front. */
  openMessageWindow(message: MessageWindow): Promise<void>;
  /** Opens an attachment with the system's program for it; what could run as a program is refused. */
  openAttachment(attachment: AttachmentToOpen): Promise<AttachmentOutcome>;
  /** Writes the mail of an account as files into a new folder among the downloads. Announces `transfer_progressed`. */
  exportMail(wish: ExportWish): Promise<MailExported>;
  /**
   * Asks the person for files with mail in the system's own dialog, and puts it into a folder. Fails with `cancelled` when none
   * was chosen. Announces `transfer_progressed`.
   */
  importMail(wish: ImportWish): Promise<MailImported>;
  /** What earlier crashes left, newest first. Nothing of it was sent anywhere. */
  crashReports(): Promise<CrashReport[]>;
  /** Deletes a report. */
  dismissCrashReport(id: string): Promise<void>;
  /** Keeps a report of a failure of the page. Only names and places in our own files are kept. */
  reportPageFailure(failure: PageFailure): Promise<void>;
  /** Makes everything in the window larger or smaller: 1 is the usual size. */
  setZoom(factor: number): Promise<void>;
  /**
   * Tells `handler` what the person asks for outside of the page, until the function it returns is called. What was
   * asked before the page listened comes first. There is one listener: a second one takes the first one's place.
   */
  listen(handler: (event: DeskEvent) => void | Promise<void>): () => void;
}

export interface HostAbilities {
  /** An icon beside the clock, and closing to it. Whether the desktop shows one is in `DeskState`. */
  tray: boolean;
  notify: boolean;
  autostart: boolean;
  messageWindow: boolean;
  openAttachment: boolean;
  /** Files beyond the downloads of a browser. */
  exportMail: boolean;
  /** A dialog in which the person names files that the page may not. */
  importMail: boolean;
  crashReports: boolean;
  /** A size of the page that the page itself changes; a browser has keys of its own for that. */
  zoom: boolean;
}

export interface Desk {
  /** Unread messages: the badge, and the icon with or without its dot. */
  unread: number;
  /** The sentence beside the icon, for instance "Mailroom: 3 unread". */
  tooltip: string;
  /** The words of the tray's menu. */
  items: { open: string; write: string; checkMail: string; quit: string };
  /** True when closing the window should only hide it. It closes for good where no tray is shown. */
  closeToTray: boolean;
}

export interface DeskState {
  /** True while the desktop shows the tray icon, so that the window can be closed to it. */
  trayShown: boolean;
}

export interface Notice {
  /** Names it for `withdraw` and for taking its place. */
  tag: string;
  title: string;
  body: string;
  /** The message that a click opens. */
  message?: number;
  /** The account whose inbox a click opens, when there is no single message. */
  account?: string;
  /** Buttons, where the system has them. */
  actions?: { id: string; label: string }[];
}

export interface Autostart {
  enabled: boolean;
  /** False where the system or its administrator decides. */
  changeable: boolean;
}

export interface MessageWindow {
  /** Row id. */
  id: number;
  /** True to load the pictures that the sender left on a server. */
  pictures: boolean;
  /** Its colours; those of the page when absent. */
  scheme?: "light" | "dark";
  /** How large everything in it is; as large as in the page's window when absent. */
  zoom?: number;
  /** All that is written around the message, in the reader's language. */
  words: {
    /** Language of the document, `en`. */
    lang: string;
    /** The window's title and the document's heading: the subject. */
    title: string;
    /** From, to, date and so on, in order, as they are to be read. */
    fields: { label: string; value: string }[];
    /** What stands instead of an empty text. */
    empty: string;
  };
}

export interface AttachmentToOpen {
  /** Row id of the message. */
  id: number;
  /** The attachment's part. */
  part: string;
  /** The name to open it under. */
  filename: string;
}

/** A form of files. */
export type ExportForm = "mbox" | "maildir" | "eml";

export interface ExportWish {
  address: string;
  format: ExportForm;
  /** Paths; all folders when empty. */
  folders: string[];
}

export interface ImportWish {
  address: string;
  /** The folder's path. */
  folder: string;
  /** A Maildir is a folder; the other forms are files. */
  wanted: "files" | "folders";
  /** What the dialog is called. */
  title: string;
}

/** `refused`: its kind can run as a program, so it can only be saved. `failed`: no program of the system took it. */
export type AttachmentOutcome = "opened" | "refused" | "failed";

export interface CrashReport {
  id: string;
  /** Unix milliseconds. */
  at: number;
  /** The report as it can be read and copied; English. */
  text: string;
}

export interface PageFailure {
  /** The error's name, `TypeError`. Its message may hold mail and is not taken. */
  name: string;
  stack: string;
}

/** What the person asked for at the tray, at a notification, by a link or by starting the program. */
export type DeskEvent =
  /** A click on a notification of a message. */
  | { kind: "open_message"; id: number; account: string | null }
  /** A click on a notification of several messages. */
  | { kind: "open_inbox"; account: string }
  /** A button of a notification. */
  | { kind: "notice_action"; tag: string; action: string; message: number | null; account: string | null }
  /** A new message, to what a `mailto:` link says when there is one (RFC 6068, as it came). */
  | { kind: "compose"; mailto: string | null }
  | { kind: "check_mail" }
  /** A link of the scheme `app.mailroom` was refused, or nobody waits for it any more. `code` is an error code. */
  | { kind: "link_refused"; code: string }
  /**
   * The window was closed and the program ends. It waits, two seconds at most, until the handler's promise is kept:
   * the moment to keep what was typed.
   */
  | { kind: "closing" };
