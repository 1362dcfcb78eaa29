/** The keys of the mail view, as commands name them. The first of several is the one that is printed. */
export const KEYS = {
  archive: "e",
  delete: "#",
  junk: "!",
  star: "s",
  unread: "u",
  move: "v",
  // As in Outlook.
  copy: "Mod+Shift+Y",
  search: "/",
  reply: "r",
  replyAll: "a",
  forward: "f",
  write: "c",
  tick: "x",
} as const;
