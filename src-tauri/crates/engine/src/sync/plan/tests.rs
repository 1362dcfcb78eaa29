//! What is done with a folder, by what is known of it.

use super::*;

const LOCAL: LocalFolder = LocalFolder {
    uid_validity: 1,
    uid_next: 100,
    highest_modseq: Some(50),
    exists: 80,
    window_start: None,
    complete: true,
    known: 80,
    was_cut: false,
};
const REMOTE: RemoteFolder = RemoteFolder {
    uid_validity: 1,
    uid_next: Some(100),
    highest_modseq: Some(50),
    exists: 80,
    delta: false,
    only_grew: false,
    is_cut: false,
};
const NOTHING: Plan = Plan {
    reset: false,
    trim_before: None,
    compare_removals: false,
    look_for_older: false,
    flags: FlagChanges::None,
    arrivals: Arrivals::None,
};

#[test]
fn plan_covers_what_changed_and_no_more() {
    let day = |n: i64| Some(UnixMillis(n * 86_400_000));
    let cases: Vec<(&str, Option<LocalFolder>, RemoteFolder, Option<UnixMillis>, Plan)> = vec![
        (
            "first time",
            None,
            REMOTE,
            None,
            Plan {
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "first time, empty",
            None,
            RemoteFolder { exists: 0, ..REMOTE },
            None,
            NOTHING,
        ),
        ("nothing changed", Some(LOCAL), REMOTE, None, NOTHING),
        (
            "nothing changed, QRESYNC",
            Some(LOCAL),
            RemoteFolder {
                delta: true,
                ..REMOTE
            },
            None,
            NOTHING,
        ),
        (
            "other validity",
            Some(LOCAL),
            RemoteFolder {
                uid_validity: 2,
                ..REMOTE
            },
            None,
            Plan {
                reset: true,
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "no validity at all",
            Some(LocalFolder {
                uid_validity: 0,
                ..LOCAL
            }),
            RemoteFolder {
                uid_validity: 0,
                ..REMOTE
            },
            None,
            Plan {
                reset: true,
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "next UID went back, QRESYNC",
            Some(LOCAL),
            RemoteFolder {
                uid_next: Some(90),
                delta: true,
                ..REMOTE
            },
            None,
            Plan {
                compare_removals: true,
                flags: FlagChanges::All,
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "mod-sequence went back, CONDSTORE",
            Some(LOCAL),
            RemoteFolder {
                highest_modseq: Some(49),
                ..REMOTE
            },
            None,
            Plan {
                compare_removals: true,
                flags: FlagChanges::All,
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "flags changed, CONDSTORE",
            Some(LOCAL),
            RemoteFolder {
                highest_modseq: Some(60),
                ..REMOTE
            },
            None,
            Plan {
                flags: FlagChanges::Since(50),
                ..NOTHING
            },
        ),
        (
            "arrival and removal, QRESYNC",
            Some(LOCAL),
            RemoteFolder {
                highest_modseq: Some(60),
                uid_next: Some(103),
                exists: 81,
                delta: true,
                ..REMOTE
            },
            None,
            Plan {
                arrivals: Arrivals::From(100),
                ..NOTHING
            },
        ),
        (
            "arrival, CONDSTORE",
            Some(LOCAL),
            RemoteFolder {
                highest_modseq: Some(60),
                uid_next: Some(101),
                exists: 81,
                ..REMOTE
            },
            None,
            Plan {
                flags: FlagChanges::Since(50),
                arrivals: Arrivals::From(100),
                ..NOTHING
            },
        ),
        (
            "arrivals and removals, CONDSTORE",
            Some(LOCAL),
            RemoteFolder {
                highest_modseq: Some(60),
                uid_next: Some(103),
                exists: 81,
                ..REMOTE
            },
            None,
            Plan {
                compare_removals: true,
                flags: FlagChanges::Since(50),
                arrivals: Arrivals::From(100),
                ..NOTHING
            },
        ),
        (
            "removal, CONDSTORE",
            Some(LOCAL),
            RemoteFolder { exists: 79, ..REMOTE },
            None,
            Plan {
                compare_removals: true,
                ..NOTHING
            },
        ),
        (
            "plain server",
            Some(LocalFolder {
                highest_modseq: None,
                ..LOCAL
            }),
            RemoteFolder {
                highest_modseq: None,
                ..REMOTE
            },
            None,
            Plan {
                flags: FlagChanges::All,
                ..NOTHING
            },
        ),
        (
            "plain server that announced arrivals",
            Some(LocalFolder {
                highest_modseq: None,
                ..LOCAL
            }),
            RemoteFolder {
                highest_modseq: None,
                uid_next: Some(102),
                exists: 82,
                only_grew: true,
                ..REMOTE
            },
            None,
            Plan {
                arrivals: Arrivals::From(100),
                ..NOTHING
            },
        ),
        (
            "plain server without UIDNEXT",
            Some(LocalFolder {
                highest_modseq: None,
                ..LOCAL
            }),
            RemoteFolder {
                highest_modseq: None,
                uid_next: None,
                ..REMOTE
            },
            None,
            Plan {
                compare_removals: true,
                flags: FlagChanges::All,
                arrivals: Arrivals::From(100),
                ..NOTHING
            },
        ),
        (
            "first load interrupted",
            Some(LocalFolder {
                complete: false,
                known: 50,
                ..LOCAL
            }),
            REMOTE,
            None,
            Plan {
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "window widened",
            Some(LocalFolder {
                window_start: day(100),
                ..LOCAL
            }),
            REMOTE,
            day(50),
            Plan {
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "window opened to everything",
            Some(LocalFolder {
                window_start: day(100),
                ..LOCAL
            }),
            REMOTE,
            None,
            Plan {
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "newest messages only, and nothing seems to have happened",
            Some(LocalFolder {
                was_cut: true,
                ..LOCAL
            }),
            RemoteFolder {
                is_cut: true,
                ..REMOTE
            },
            None,
            Plan {
                compare_removals: true,
                look_for_older: true,
                ..NOTHING
            },
        ),
        (
            "all messages again",
            Some(LocalFolder {
                was_cut: true,
                ..LOCAL
            }),
            RemoteFolder { exists: 79, ..REMOTE },
            None,
            Plan {
                compare_removals: true,
                look_for_older: true,
                ..NOTHING
            },
        ),
        (
            "newest messages only, and arrivals were announced",
            Some(LocalFolder {
                was_cut: true,
                ..LOCAL
            }),
            RemoteFolder {
                highest_modseq: Some(60),
                uid_next: Some(101),
                exists: 81,
                is_cut: true,
                only_grew: true,
                ..REMOTE
            },
            None,
            Plan {
                flags: FlagChanges::Since(50),
                arrivals: Arrivals::From(100),
                ..NOTHING
            },
        ),
        (
            "newest messages only, and the first load interrupted",
            Some(LocalFolder {
                complete: false,
                was_cut: true,
                ..LOCAL
            }),
            RemoteFolder {
                is_cut: true,
                ..REMOTE
            },
            None,
            Plan {
                compare_removals: true,
                arrivals: Arrivals::Window,
                ..NOTHING
            },
        ),
        (
            "window moved on",
            Some(LocalFolder {
                window_start: day(100),
                ..LOCAL
            }),
            REMOTE,
            day(101),
            Plan {
                trim_before: day(101),
                ..NOTHING
            },
        ),
        (
            "window closed from everything",
            Some(LOCAL),
            REMOTE,
            day(7),
            Plan {
                trim_before: day(7),
                ..NOTHING
            },
        ),
    ];
    for (name, local, remote, window, expected) in cases {
        let decided = plan(local.as_ref(), &remote, window);
        assert_eq!(decided, expected, "{name}");
        assert_eq!(decided.is_nothing(), expected == NOTHING, "{name}");
    }
}

#[test]
fn folder_is_proved_unchanged_by_every_number_and_a_mod_sequence() {
    let proved = |local: LocalFolder, remote: RemoteFolder| is_proved(&local, &remote, None);
    assert!(proved(LOCAL, REMOTE));
    let differs = |change: fn(&mut RemoteFolder)| {
        let mut remote = REMOTE;
        change(&mut remote);
        proved(LOCAL, remote)
    };
    assert!(!differs(|remote| remote.uid_validity = 2));
    assert!(!differs(|remote| remote.uid_next = Some(101)));
    assert!(!differs(|remote| remote.exists = 79));
    assert!(!differs(|remote| remote.highest_modseq = Some(51)));
    assert!(!differs(|remote| remote.highest_modseq = Some(49)));
    assert!(!differs(|remote| remote.highest_modseq = None));
    assert!(!is_proved(&LOCAL, &REMOTE, Some(UnixMillis(0))), "another window");
    let loading = LocalFolder {
        complete: false,
        ..LOCAL
    };
    assert!(!proved(loading, REMOTE));
    let plain = LocalFolder {
        highest_modseq: None,
        ..LOCAL
    };
    let silent = RemoteFolder {
        highest_modseq: None,
        ..REMOTE
    };
    assert!(!proved(plain, silent), "flags may have changed");
    let none = LocalFolder {
        exists: 0,
        known: 0,
        ..plain
    };
    assert!(proved(none, RemoteFolder { exists: 0, ..silent }));
}
