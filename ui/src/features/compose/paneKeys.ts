import type { KeyboardEvent } from "react";

import type { Command } from "../../shared/commands/command";
import { isPressed, onMac } from "../../shared/commands/keys";

type PaneKey = KeyboardEvent<HTMLElement>;

/** A key before the editor hears of it, which has a use of its own for Ctrl+Enter and keeps Escape for itself. */
export function pressFirst(event: PaneKey, commands: readonly Command[]): void {
  const isFirst = event.ctrlKey || event.metaKey || (event.key === "Escape" && isInEditor(event.target));
  const command = isFirst && isOwn(event) ? commandOf(event, commands) : undefined;
  if (command !== undefined) {
    run(event, command);
  }
}

function isInEditor(target: EventTarget): boolean {
  return target instanceof Element && target.closest("[contenteditable=true]") !== null;
}

/** A key that the fields left: an Escape that closed a list does not close the pane. */
export function pressLast(event: PaneKey, commands: readonly Command[]): void {
  if (!isOwn(event)) {
    return;
  }
  const command = commandOf(event, commands);
  if (command !== undefined) {
    run(event, command);
  } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !/^F\d+$/.test(event.key)) {
    // What is typed here is no command of the list.
    event.stopPropagation();
  }
}

function commandOf(event: PaneKey, commands: readonly Command[]): Command | undefined {
  return commands.find(
    ({ keys, enabled }) =>
      enabled !== false && keys?.some((spec) => isPressed(spec, event.nativeEvent, onMac)) === true,
  );
}

/** Sheets and menus lie elsewhere in the page, but their keys pass the pane as well. */
function isOwn(event: PaneKey): boolean {
  return (
    !event.defaultPrevented &&
    !event.nativeEvent.isComposing &&
    event.currentTarget.contains(event.target as Node)
  );
}

function run(event: PaneKey, command: Command): void {
  event.preventDefault();
  event.stopPropagation();
  command.run();
}
