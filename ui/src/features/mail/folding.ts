/** A message of a conversation, or how many folded ones are not even shown. */
export type Folding<M> = { message: M } | { hidden: number };

/** Folded messages in a row of which the middle is left out when there are more. */
const RUN = 4;

/** The messages of a conversation, without the middle of a long run of folded ones at its beginning. */
export function folded<M>(messages: readonly M[], isOpen: (message: M) => boolean): Folding<M>[] {
  const firstOpen = messages.findIndex((message) => isOpen(message));
  const run = firstOpen === -1 ? messages.length : firstOpen;
  if (run <= RUN) {
    return messages.map((message) => ({ message }));
  }
  return [
    ...messages.slice(0, 1).map((message) => ({ message })),
    { hidden: run - 2 },
    ...messages.slice(run - 1).map((message) => ({ message })),
  ];
}
