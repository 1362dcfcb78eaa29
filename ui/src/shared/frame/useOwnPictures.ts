import { useMemo } from "react";

import type { PayloadOf } from "../../ipc/door";
import { useCommandQueries } from "../../ipc/query";
import { isPicture, pictureIds } from "./frame";

interface PictureFile {
  content_id: string | null;
  content_type: string;
  /** True where the bytes are on the server still: they are not fetched unasked. */
  left?: boolean;
}

/**
 * The files that the HTML shows as pictures, as `data:` addresses by Content-ID. `command` gives the bytes of a file.
 */
export function useOwnPictures<F extends PictureFile, K extends "message_export" | "draft_file">(
  html: string,
  files: readonly F[],
  command: K,
  payloadOf: (file: F) => PayloadOf<K>,
): ReadonlyMap<string, string> {
  const wanted = useMemo(() => {
    const ids = pictureIds(html);
    return files.filter(
      ({ content_id, content_type, left }) =>
        content_id !== null && ids.has(content_id) && isPicture(content_type) && left !== true,
    );
  }, [html, files]);
  const replies = useCommandQueries(command, wanted.map(payloadOf));
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
    // The bytes of a file never change; what changes is which have come.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [wanted, key]);
}
