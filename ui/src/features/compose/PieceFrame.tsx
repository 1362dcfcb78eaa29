import type { DraftFile } from "../../ipc/contract";
import { HtmlFrame } from "../../shared/frame/HtmlFrame";
import { useOwnPictures } from "../../shared/frame/useOwnPictures";

interface PieceFrameProps {
  draft: number;
  html: string;
  files: readonly DraftFile[];
  label: string;
}

/** HTML that the person did not type, inside the composer. Its own pictures are files of the draft. */
export function PieceFrame({ draft, html, files, label }: PieceFrameProps) {
  const ownPictures = useOwnPictures(html, files, "draft_file", ({ id }) => ({ id: draft, file: id }));
  return <HtmlFrame label={label} html={html} ownPictures={ownPictures} startHeight={24} />;
}
