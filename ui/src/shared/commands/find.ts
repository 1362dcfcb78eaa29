import { isEnabled } from "./command";
import type { Command } from "./command";

/** Words without case and diacritics, so that "lodz" finds "Łódź" and "еще" finds "ещё". */
export function fold(text: string): string {
  return text.toLowerCase().normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll("ł", "l");
}

/** How well a title fits the typed words; `null` when one of the words is nowhere. Lower is better. */
function distance(title: string, rest: string, words: readonly string[]): number | null {
  let sum = 0;
  for (const word of words) {
    if (title.startsWith(word)) {
      continue;
    }
    if (title.includes(` ${word}`)) {
      sum += 1;
    } else if (title.includes(word)) {
      sum += 3;
    } else if (rest.includes(word)) {
      sum += 4;
    } else {
      return null;
    }
  }
  return sum;
}

/** The commands that fit what was typed, the best first; all of them, in their order, while nothing is typed. */
export function findCommands(
  commands: readonly Command[],
  typed: string,
  groupTitle: (command: Command) => string,
): Command[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const open = commands.filter((command) => isEnabled(command) && command.isKeyOnly !== true);
  return open
    .map((command, index) => ({
      command,
      index,
      far: distance(fold(command.title), fold(`${groupTitle(command)} ${command.hint ?? ""}`), words),
    }))
    .filter((found) => found.far !== null)
    .toSorted((a, b) => (a.far ?? 0) - (b.far ?? 0) || a.index - b.index)
    .map(({ command }) => command);
}
