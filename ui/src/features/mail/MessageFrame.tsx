import { useEffect, useMemo, useRef, useState } from "react";
import { useIntl } from "react-intl";

import type { AttachmentView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { useCommandQueries } from "../../ipc/query";
import { messageDocument, pictureIds } from "./frame";
import styles from "./MessageFrame.module.css";
import { isPicture } from "./text";
import { useFrameColours } from "./useFrameColours";

interface MessageFrameProps {
  id: number;
  html: string;
  attachments: readonly AttachmentView[];
  remotePictures: boolean;
  /** Keys pressed while the message has the keyboard. */
  onKey: (event: KeyboardEvent) => void;
}

/**
 * The HTML of a message in a frame of its own. The frame's sandbox lets no script run, so this side may look into it:
 * for its height, and for the links that are pressed, which open in the browser.
 */
export function MessageFrame({ id, html, attachments, remotePictures, onKey }: MessageFrameProps) {
  const intl = useIntl();
  const door = useDoor();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(160);
  const [target, setTarget] = useState<string | null>(null);
  const colours = useFrameColours();
  const ownPictures = useOwnPictures(id, html, attachments);
  const page = useMemo(
    () => messageDocument(html, { remotePictures, ownPictures, colours }),
    [html, remotePictures, ownPictures, colours],
  );

  const [loads, setLoads] = useState(0);
  useEffect(() => {
    const inside = frame.current?.contentDocument ?? null;
    if (inside === null || loads === 0) {
      return undefined;
    }
    const { body } = inside;
    const measure = () => setHeight(Math.ceil(body.getBoundingClientRect().height) + 8);
    const observer = new ResizeObserver(measure);
    observer.observe(body);
    measure();
    const follow = (event: Event) => {
      const link = linkOf(event);
      if (link !== null) {
        event.preventDefault();
        if (isWeb(link)) {
          void door.openExternal(link);
        }
      }
    };
    const point = (event: Event) => setTarget(linkOf(event));
    const unpoint = () => setTarget(null);
    body.addEventListener("click", follow);
    body.addEventListener("auxclick", follow);
    body.addEventListener("mouseover", point);
    body.addEventListener("focusin", point);
    body.addEventListener("mouseleave", unpoint);
    inside.addEventListener("keydown", onKey);
    return () => {
      observer.disconnect();
      body.removeEventListener("click", follow);
      body.removeEventListener("auxclick", follow);
      body.removeEventListener("mouseover", point);
      body.removeEventListener("focusin", point);
      body.removeEventListener("mouseleave", unpoint);
      inside.removeEventListener("keydown", onKey);
    };
  }, [loads, door, onKey]);

  return (
    <div className={styles.holder}>
      <iframe
        ref={frame}
        title={intl.formatMessage({ id: "mail.body" })}
        sandbox="allow-same-origin"
        referrerPolicy="no-referrer"
        srcDoc={page}
        className={styles.frame}
        style={{ blockSize: height }}
        onLoad={() => setLoads((count) => count + 1)}
      />
      {target !== null && (
        <div className={styles.target} aria-hidden="true">
          {target}
        </div>
      )}
    </div>
  );
}

function linkOf(event: Event): string | null {
  // An element of the frame is no `Element` of this window.
  const element = event.target as { closest?: (selector: string) => Element | null } | null;
  return element?.closest?.("a[href]")?.getAttribute("href") ?? null;
}

function isWeb(link: string): boolean {
  return /^https?:/i.test(link);
}

/** The pictures that the message brings and its HTML shows, as `data:` addresses. */
function useOwnPictures(
  id: number,
  html: string,
  attachments: readonly AttachmentView[],
): ReadonlyMap<string, string> {
  const wanted = useMemo(() => {
    const ids = pictureIds(html);
    return attachments.filter(
      ({ content_id, content_type }) => content_id !== null && ids.has(content_id) && isPicture(content_type),
    );
  }, [html, attachments]);
  const replies = useCommandQueries(
    "message_export",
    wanted.map(({ part }) => ({ id, part })),
  );
  const loaded = replies.map(({ data }) => data?.base64 ?? null);
  const key = loaded.map((bytes) => (bytes === null ? "-" : "+")).join("");
  return useMemo(() => {
    const pictures = new Map<string, string>();
    wanted.forEach(({ content_id, content_type }, index) => {
      const bytes = loaded[index] ?? null;
      if (content_id !== null && bytes !== null) {
        pictures.set(content_id, `data:${content_type};base64,${bytes}`);
      }
    });
    return pictures;
    // The bytes of a part never change; what changes is which have come.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [wanted, key]);
}
