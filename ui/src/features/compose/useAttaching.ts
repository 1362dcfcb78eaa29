import { useCallback, useState } from "react";
import type { ClipboardEvent, DragEvent, HTMLAttributes } from "react";

import { useComposing } from "./ComposeProvider";
import { lengthOf } from "./content";
import { chooseFitting, droppedFiles, messageSize } from "./files";
import type { Refusal } from "./files";
import type { PictureSource } from "./pictures";
import type { DraftSession } from "./session";

export interface Attaching {
  /** Files that were not taken. */
  refused: readonly Refusal[];
  /** True when a folder was among what was dropped. */
  hasFolder: boolean;
  /** The reader knows what was not taken. */
  forgetRefused: () => void;
  attach: (files: readonly File[]) => void;
  /** Attaches what a drop or a paste brings. */
  attachFrom: (transfer: DataTransfer) => void;
  /** Makes a picture of the text a file of the draft. Gives its address, or nothing when that failed. */
  attachPicture: (file: File, pending: string) => Promise<string | null>;
  /** The bytes of a picture of the draft. */
  source: PictureSource;
  /** True while files are held over the pane. */
  isOver: boolean;
  /** What makes an element take files. */
  target: HTMLAttributes<HTMLElement>;
}

const bringsFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");

const leaves = (event: DragEvent) =>
  !(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget);

/** The ways of files into a draft: chosen, dropped, pasted, or as a picture in its text. */
export function useAttaching(session: DraftSession, onAttach: () => void): Attaching {
  const { call } = useComposing();
  const [refused, setRefused] = useState<readonly Refusal[]>([]);
  const [hasFolder, setHasFolder] = useState(false);
  const [isOver, setOver] = useState(false);

  const take = (list: readonly File[], withFolder: boolean) => {
    const { content, files, incoming, limit } = session.state();
    const all = [...files, ...incoming.map(({ source }) => source)];
    const choice = chooseFitting(list, messageSize(lengthOf(content), all), limit);
    setRefused(choice.refused);
    setHasFolder(withFolder);
    onAttach();
    void session.attach(choice.taken);
  };
  const attachFrom = (transfer: DataTransfer) => {
    const dropped = droppedFiles(transfer);
    take(dropped.files, dropped.hasFolder);
  };
  const attachPicture = async (file: File, pending: string) => {
    const { content, files, limit } = session.state();
    const choice = chooseFitting([file], messageSize(lengthOf(content), files), limit);
    if (choice.refused.length > 0) {
      setRefused(choice.refused);
      return null;
    }
    return session.attachPicture(file, pending);
  };
  const source = useCallback<PictureSource>(
    async (src) => {
      const file = session.state().files.find(({ content_id }) => src === `cid:${content_id}`);
      if (file === undefined) {
        return null;
      }
      try {
        const { content_type, base64 } = await call("draft_file", { id: session.id, file: file.id });
        return `data:${content_type};base64,${base64}`;
      } catch {
        // The picture stays a grey field; the message has it all the same.
        return null;
      }
    },
    [session, call],
  );

  return {
    refused,
    hasFolder,
    forgetRefused: () => {
      setRefused([]);
      setHasFolder(false);
    },
    attach: (files) => take(files, false),
    attachFrom,
    attachPicture,
    source,
    isOver,
    target: {
      onPaste: (event: ClipboardEvent) => {
        if (!event.defaultPrevented && event.clipboardData.files.length > 0) {
          event.preventDefault();
          attachFrom(event.clipboardData);
        }
      },
      onDragEnter: (event) => bringsFiles(event) && setOver(true),
      onDragOver: (event) => {
        if (bringsFiles(event)) {
          event.preventDefault();
          setOver(true);
        }
      },
      onDragLeave: (event) => leaves(event) && setOver(false),
      // The text may take the drop for itself.
      onDropCapture: () => setOver(false),
      onDrop: (event) => {
        if (bringsFiles(event) && !event.defaultPrevented) {
          event.preventDefault();
          attachFrom(event.dataTransfer);
        }
      },
    },
  };
}
