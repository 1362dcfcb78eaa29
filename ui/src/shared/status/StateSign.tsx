import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  Clock,
  Hourglass,
  KeyRound,
  LogOut,
  RotateCw,
  UserCheck,
  UserCog,
  WifiOff,
} from "lucide-react";
import { useIntl } from "react-intl";

import { TONES, signName } from "./sign";
import type { Sign } from "./sign";
import styles from "./StateSign.module.css";

const SHAPES = {
  working: CircleCheck,
  slow: Hourglass,
  network: WifiOff,
  retrying: RotateCw,
  "sign-in": KeyRound,
  waiting: Clock,
  approved: UserCheck,
  "signed-out": LogOut,
  you: CircleAlert,
  administrator: UserCog,
  off: CirclePause,
  untried: CircleDashed,
  unfinished: CircleDashed,
};

interface StateSignProps {
  sign: Sign;
  size?: number;
  /** True beside words that say the same. */
  isSilent?: boolean;
}

/** How something is, as a shape with a colour and words. */
export function StateSign({ sign, size = 14, isSilent = false }: StateSignProps) {
  const intl = useIntl();
  const Shape = SHAPES[sign];
  const words = intl.formatMessage({ id: signName(sign) });
  const drawn = <Shape size={size} strokeWidth={2.4} aria-hidden />;
  return isSilent ? (
    <span className={styles.sign} data-tone={TONES[sign]} aria-hidden="true">
      {drawn}
    </span>
  ) : (
    <span className={styles.sign} data-tone={TONES[sign]} role="img" aria-label={words} title={words}>
      {drawn}
    </span>
  );
}
