import { Search, X } from "lucide-react";
import { useState } from "react";
import type { RefObject } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import { ariaKeys, onMac } from "../../shared/commands/keys";
import hidden from "../../shared/hidden.module.css";
import { KEYS } from "./keys";
import styles from "./SearchField.module.css";

/** The operators of a search, which are English words in every language, with what they mean. */
const OPERATORS: readonly { operator: string; means: MessageKey }[] = [
  { operator: "from:", means: "mail.operator.from" },
  { operator: "to:", means: "mail.operator.to" },
  { operator: "subject:", means: "mail.operator.subject" },
  { operator: "has:attachment", means: "mail.operator.attachment" },
  { operator: "is:unread", means: "mail.operator.unread" },
  { operator: "is:starred", means: "mail.operator.starred" },
  { operator: "in:", means: "mail.operator.in" },
  { operator: "after:", means: "mail.operator.after" },
  { operator: "before:", means: "mail.operator.before" },
];

/** What is typed with an operator put behind it; a space follows one that is complete in itself. */
export function withOperator(query: string, operator: string): string {
  const before = query.trimEnd();
  return `${before}${before === "" ? "" : " "}${operator}${operator.endsWith(":") ? "" : " "}`;
}

interface SearchFieldProps {
  query: string;
  /** The account that is searched; all when `null`. */
  address: string | null;
  field: RefObject<HTMLInputElement | null>;
  onQuery: (query: string) => void;
  /** Enter or the arrow down: on to what was found. */
  onLeave: () => void;
}

/** The field that searches, with its operators to press. */
export function SearchField({ query, address, field, onQuery, onLeave }: SearchFieldProps) {
  const intl = useIntl();
  const [isOpen, setOpen] = useState(false);
  const isEmpty = query.trim() === "";
  // Beside words the operators stay where they are: a list that moved when the field is left would be missed.
  const isShown = isEmpty ? isOpen : true;
  const unused = OPERATORS.filter(({ operator }) => !query.includes(operator));
  const put = (operator: string) => {
    onQuery(withOperator(query, operator));
    field.current?.focus();
  };
  return (
    <div
      className={styles.search}
      onFocus={() => setOpen(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          setOpen(false);
        }
      }}
    >
      <div className={styles.field}>
        <Search size={16} aria-hidden />
        <input
          ref={field}
          type="search"
          value={query}
          aria-label={intl.formatMessage({ id: "mail.search" })}
          aria-keyshortcuts={ariaKeys(KEYS.search, onMac)}
          aria-describedby={isShown ? "search-operators" : undefined}
          placeholder={
            address === null
              ? intl.formatMessage({ id: "mail.search.all" })
              : intl.formatMessage({ id: "mail.search.in" }, { address })
          }
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === "ArrowDown") {
              event.preventDefault();
              setOpen(false);
              onLeave();
            }
          }}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onQuery(event.target.value)}
        />
        {query !== "" && (
          <button
            type="button"
            className={styles.clear}
            aria-label={intl.formatMessage({ id: "mail.search.clear" })}
            onClick={() => {
              onQuery("");
              field.current?.focus();
            }}
          >
            <X size={16} aria-hidden />
          </button>
        )}
      </div>
      {isShown && unused.length > 0 && (
        <div className={isEmpty ? styles.help : styles.chips}>
          <p id="search-operators" className={styles.lead}>
            <FormattedMessage id="mail.search.help" />
          </p>
          <ul>
            {unused.map(({ operator, means }) => (
              <li key={operator}>
                <button
                  type="button"
                  title={intl.formatMessage({ id: means })}
                  // The field keeps the focus, so that what follows the operator can be typed.
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => put(operator)}
                >
                  <code>{operator}</code>{" "}
                  <span className={isEmpty ? styles.means : hidden.text}>
                    {intl.formatMessage({ id: means })}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
