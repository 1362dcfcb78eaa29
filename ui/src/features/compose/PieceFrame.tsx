import { useEffect, useMemo, useRef, useState } from "react";

import type { DraftFile } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { useCommandQueries } from "../../ipc/query";
import { messageDocument, pictureIds } from "../mail/frame";
import { useFrameColours } from "../mail/useFrameColours";
import styles from "./PieceFrame.module.css";

interface PieceFrameProps {
  draft: number;
  html: string;
  files: readonly DraftFile[];
  label: string;
}

/**
 * HTML that somebody else wrote, shown inside the composer: no script runs and nothing of a network loads. Its own
 * pictures are files of the draft.
 */
export function PieceFrame({ draft, html, files, label }: PieceFrameProps) {
  const door = useDoor();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(24);
  const [loads, setLoads] = useState(0);
  const colours = useFrameColours();
  const shown = useMemo(() => {
    const ids = pictureIds(html);
    return files.filter(({ content_id }) => ids.has(content_id));
  }, [html, files]);
  const replies = useCommandQueries(
    "draft_file",
    shown.map(({ id }) => ({ id: draft, file: id })),
  );
  const bytes = replies.map(({ data }) => data);
  const have = bytes.map((one) => (one === undefined ? "-" : "+")).join("");
  const page = useMemo(
    () => {
      const ownPictures = new Map<string, string>();
      shown.forEach(({ content_id }, index) => {
        const reply = bytes[index];
        if (reply !== undefined) {
          ownPictures.set(content_id, `data:${reply.content_type};base64,${reply.base64}`);
        }
      });
      return messageDocument(html, { remotePictures: false, ownPictures, colours });
    },
    // The bytes of a file never change; what changes is which have come.
    // oxlint-disable-next-line react/exhaustive-deps
    [html, shown, have, colours],
  );

  useEffect(() => {
    const inside = frame.current?.contentDocument;
    if (inside === null || inside === undefined || loads === 0) {
      return undefined;
    }
    const { body, documentElement } = inside;
    // The outermost element: margins of the first and last paragraph stick out of the body.
    const measure = () => setHeight(Math.ceil(documentElement.getBoundingClientRect().height) + 2);
    const observer = new ResizeObserver(measure);
    observer.observe(body);
    measure();
    const follow = (event: Event) => {
      // An element of the frame is no `Element` of this window.
      const element = event.target as { closest?: (selector: string) => Element | null } | null;
      const link = element?.closest?.("a[href]")?.getAttribute("href") ?? null;
      if (link !== null) {
        event.preventDefault();
        if (/^https?:/i.test(link)) {
          void door.openExternal(link);
        }
      }
    };
    body.addEventListener("click", follow);
    return () => {
      observer.disconnect();
      body.removeEventListener("click", follow);
    };
  }, [loads, door]);

  return (
    <iframe
      ref={frame}
      title={label}
      sandbox="allow-same-origin"
      referrerPolicy="no-referrer"
      srcDoc={page}
      className={styles.frame}
      style={{ blockSize: height }}
      onLoad={() => setLoads((count) => count + 1)}
    />
  );
}
