import { useIntl } from "react-intl";

import type { AttachmentView } from "../../ipc/contract";
import { HtmlFrame } from "../../shared/frame/HtmlFrame";
import { useOwnPictures } from "../../shared/frame/useOwnPictures";

interface MessageFrameProps {
  id: number;
  html: string;
  attachments: readonly AttachmentView[];
  remotePictures: boolean;
  /** Keys pressed while the message has the keyboard. */
  onKey: (event: KeyboardEvent) => void;
}

/** The HTML of a message. */
export function MessageFrame({ id, html, attachments, remotePictures, onKey }: MessageFrameProps) {
  const intl = useIntl();
  const ownPictures = useOwnPictures(html, attachments, "message_export", ({ part }) => ({ id, part }));
  return (
    <HtmlFrame
      label={intl.formatMessage({ id: "mail.body" })}
      html={html}
      ownPictures={ownPictures}
      remotePictures={remotePictures}
      onKey={onKey}
      startHeight={160}
    />
  );
}
