import type { AccountUpdate, AccountView } from "../../ipc/contract";

type Change = Omit<AccountUpdate, "address">;

/** The account as it is once the change is made to it, or, for `is_default`, to another one. */
export function changedAccount(account: AccountView, isAbout: boolean, change: Change): AccountView {
  if (!isAbout) {
    return change.is_default === true ? { ...account, is_default: false } : account;
  }
  const { folders, name, ...rest } = change;
  return {
    ...account,
    ...rest,
    ...(name === undefined ? {} : { name: name.trim() === "" ? account.address : name }),
    ...(folders === undefined ? {} : { folders: folders.length === 0 ? null : folders }),
  };
}

/** The change that takes `change` back, so that the account is as `before`. */
export function reversedAccount(before: AccountView, change: Change): Change {
  const all: Change = {
    period: before.period,
    folders: before.folders ?? [],
    name: before.name,
    setup_done: before.setup_done,
    automatic: before.automatic,
    interval_min: before.interval_min,
    download_up_to_mb: before.download_up_to_mb,
    push: before.push,
    sending: before.sending,
    is_default: before.is_default,
    notify: before.notify,
  };
  const names = Object.keys(change) as (keyof Change)[];
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
