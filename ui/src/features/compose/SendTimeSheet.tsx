import type { CalendarDate, Time } from "@internationalized/date";
import {
  getLocalTimeZone,
  parseAbsolute,
  toCalendarDate,
  toCalendarDateTime,
  toTime,
  today,
} from "@internationalized/date";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import {
  Button as AriaButton,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  DateInput,
  DateSegment,
  Heading,
  Label,
  TimeField,
} from "react-aria-components";
import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { Sheet } from "../../shared/Sheet";
import { useNow } from "../../shared/useNow";
import { whenText } from "./outbox";
import { sendTimes } from "./schedule";
import styles from "./SendTimeSheet.module.css";

interface SendTimeSheetProps {
  /** The moment to begin with; tomorrow morning when `null`. */
  start: number | null;
  onChoose: (at: number) => void;
  onClose: () => void;
}

/** Asks for a day and a time to send at. */
export default function SendTimeSheet({ start, onChoose, onClose }: SendTimeSheetProps) {
  const intl = useIntl();
  const now = useNow();
  const zone = getLocalTimeZone();
  const [begin] = useState(() => {
    const at = start ?? sendTimes(now).find(({ kind }) => kind === "tomorrow")?.at ?? now;
    return parseAbsolute(new Date(at).toISOString(), zone);
  });
  const [day, setDay] = useState<CalendarDate>(() => toCalendarDate(begin));
  const [time, setTime] = useState<Time | null>(() => toTime(begin));
  const at = time === null ? null : toCalendarDateTime(day, time).toDate(zone).getTime();
  const isPast = at !== null && at <= now;

  return (
    <Sheet title={intl.formatMessage({ id: "compose.later.title" })} onClose={onClose}>
      <Calendar
        aria-label={intl.formatMessage({ id: "compose.later.day" })}
        className={styles.calendar ?? ""}
        value={day}
        minValue={today(zone)}
        onChange={setDay}
      >
        <div className={styles.month}>
          <AriaButton
            slot="previous"
            className={styles.turn ?? ""}
            aria-label={intl.formatMessage({ id: "compose.later.previous" })}
          >
            <ChevronLeft size={18} aria-hidden />
          </AriaButton>
          <Heading className={styles.name ?? ""} />
          <AriaButton
            slot="next"
            className={styles.turn ?? ""}
            aria-label={intl.formatMessage({ id: "compose.later.next" })}
          >
            <ChevronRight size={18} aria-hidden />
          </AriaButton>
        </div>
        <CalendarGrid weekdayStyle="short" className={styles.grid ?? ""}>
          <CalendarGridHeader>{(name) => <CalendarHeaderCell>{name}</CalendarHeaderCell>}</CalendarGridHeader>
          <CalendarGridBody>
            {(date) => <CalendarCell date={date} className={styles.day ?? ""} />}
          </CalendarGridBody>
        </CalendarGrid>
      </Calendar>
      <TimeField className={styles.time ?? ""} value={time} onChange={setTime}>
        <Label>
          <FormattedMessage id="compose.later.time" />
        </Label>
        <DateInput className={styles.input ?? ""}>
          {(segment) => <DateSegment segment={segment} className={styles.segment ?? ""} />}
        </DateInput>
      </TimeField>
      <p className={isPast ? styles.past : styles.note} role={isPast ? "alert" : undefined}>
        <FormattedMessage id={isPast ? "compose.later.past" : "compose.later.note"} />
      </p>
      <Buttons>
        <Button look="primary" disabled={at === null || isPast} onClick={() => at !== null && onChoose(at)}>
          {at === null || isPast ? (
            <FormattedMessage id="compose.later.do" />
          ) : (
            intl.formatMessage({ id: "compose.later.doAt" }, { when: whenText(intl, at, now) })
          )}
        </Button>
        <Button onClick={onClose}>
          <FormattedMessage id="app.cancel" />
        </Button>
      </Buttons>
    </Sheet>
  );
}
