import { Paperclip, X } from "lucide-react";
import { FormattedMessage, useIntl } from "react-intl";

import type { DraftFile, WireError } from "../../ipc/contract";
import { Button, IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { size } from "../../shared/quantity";
import type { Refusal } from "./files";
import styles from "./Files.module.css";
import type { IncomingFile } from "./session";

interface FilesProps {
  /** Files that stand beside the text. */
  files: readonly DraftFile[];
  incoming: readonly IncomingFile[];
  refused: readonly Refusal[];
  hasFolder: boolean;
  trouble: WireError | null;
  /** About the bytes of the whole message. */
  total: number;
  limit: number | null;
  onRemove: (file: DraftFile) => void;
  onRetry: (key: number) => void;
  onForget: (key: number) => void;
  onRead: () => void;
}

/** The files of a draft, those on their way, and what was not taken. */
export function Files({
  files,
  incoming,
  refused,
  hasFolder,
  trouble,
  total,
  limit,
  onRemove,
  onRetry,
  onForget,
  onRead,
}: FilesProps) {
  const intl = useIntl();
  const failed = incoming.filter(({ error }) => error !== null);
  const sum = files.reduce((bytes, file) => bytes + file.size, 0);
  const isShown = files.length + incoming.length + refused.length > 0 || hasFolder || trouble !== null;
  if (!isShown) {
    return null;
  }
  return (
    <section className={styles.files} aria-label={intl.formatMessage({ id: "compose.files" })}>
      {files.length > 0 && (
        <p className={styles.sum}>
          <Paperclip size={14} aria-hidden />
          <FormattedMessage id="compose.files.sum" values={{ count: files.length, size: size(intl, sum) }} />
          {limit !== null && total > limit / 2 && (
            <span className={total > limit ? styles.over : undefined}>
              <FormattedMessage
                id="compose.files.limit"
                values={{ size: size(intl, total), limit: size(intl, limit) }}
              />
            </span>
          )}
        </p>
      )}
      <ul className={styles.list}>
        {files.map((file) => (
          <li key={file.id} className={styles.file}>
            <span className={styles.name} title={file.filename}>
              {file.filename}
            </span>
            <span className={styles.size}>{size(intl, file.size)}</span>
            <IconButton
              className={styles.remove}
              label={intl.formatMessage({ id: "compose.files.remove" }, { name: file.filename })}
              onClick={() => onRemove(file)}
            >
              <X size={15} aria-hidden />
            </IconButton>
          </li>
        ))}
        {incoming
          .filter(({ error }) => error === null)
          .map(({ key, source, progress }) => (
            <li key={`incoming-${key}`} className={styles.file}>
              <span className={styles.name}>{source.name}</span>
              {progress < 1 ? (
                <progress
                  className={styles.progress}
                  value={progress}
                  aria-label={intl.formatMessage({ id: "compose.files.reading" }, { name: source.name })}
                />
              ) : (
                <span className={styles.size}>
                  <FormattedMessage id="compose.files.taking" />
                </span>
              )}
            </li>
          ))}
      </ul>
      {failed.map(({ key, source, error }) => (
        <div key={key} className={styles.failed}>
          <p className={styles.failedName}>
            <FormattedMessage id="compose.files.failed" values={{ name: source.name }} />
          </p>
          {error !== null && (
            <ErrorNotice error={error}>
              <Button onClick={() => onRetry(key)}>
                <FormattedMessage id="app.again" />
              </Button>
              <Button onClick={() => onForget(key)}>
                <FormattedMessage id="compose.files.remove" values={{ name: source.name }} />
              </Button>
            </ErrorNotice>
          )}
        </div>
      ))}
      {trouble !== null && <ErrorNotice error={trouble} />}
      {(refused.length > 0 || hasFolder) && (
        <div className={styles.refused} role="alert">
          <div className={styles.reasons}>
            {refused.map(({ file, would, limit: takes }, index) => (
              // Files of one name may be refused together.
              // oxlint-disable-next-line react/no-array-index-key
              <p key={index}>
                <b>
                  <FormattedMessage
                    id="compose.files.refused"
                    values={{ name: file.name, size: size(intl, file.size) }}
                  />
                </b>{" "}
                <FormattedMessage
                  id="compose.files.refused.help"
                  values={{ would: size(intl, would), limit: size(intl, takes) }}
                />
              </p>
            ))}
            {hasFolder && (
              <p>
                <FormattedMessage id="compose.files.folder" />
              </p>
            )}
          </div>
          <IconButton label={intl.formatMessage({ id: "app.close" })} onClick={onRead}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      )}
    </section>
  );
}
