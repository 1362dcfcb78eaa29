import { useMemo } from "react";

import { useDoor } from "../../ipc/context";
import styles from "./PlainText.module.css";
import { splitLinks } from "./text";

/** The text of a message as it was written, with its web addresses to press. */
export function PlainText({ text }: { text: string }) {
  const door = useDoor();
  const pieces = useMemo(() => splitLinks(text), [text]);
  return (
    <div className={styles.text}>
      {pieces.map((piece, index) =>
        "url" in piece ? (
          <a
            // The pieces of a text stay where they are.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            href={piece.url}
            onClick={(event) => {
              event.preventDefault();
              void door.openExternal(piece.url);
            }}
          >
            {piece.url}
          </a>
        ) : (
          piece.text
        ),
      )}
    </div>
  );
}
