//! # Room: tests
//!
//! The kit with which Mailroom is tried: a whole mail office of real servers on loopback, scripted servers that say
//! exactly the bytes a test wants, a proxy that breaks connections, mail to read, and a clock turned by hand.
//!
//! - **Does**: start Dovecot, Exim and an OpenID provider for one test and end them with it, also when the test is
//!   killed; write sample mail and large mailboxes; play dialogues; cut, stall and garble.
//! - **Owns**: the configurations of the servers (`office/`), the sample mail, the seeds of generated mail.
//! - **Never**: reaches beyond 127.0.0.1, uses a server that the machine runs for itself, or sleeps instead of
//!   waiting for a condition.

#[cfg(unix)]
pub mod bench;
pub mod browser;
mod certificate;
mod clock;
pub mod command;
pub mod fault;
pub mod generate;
pub mod home;
pub mod http;
mod network;
#[cfg(unix)]
pub mod office;
#[cfg(unix)]
mod process;
mod random;
pub mod sample;
pub mod script;
mod vault;
mod wait;
#[cfg(unix)]
pub mod window;
pub mod world;

pub use certificate::{Authority, CertificateError, CertificateKind, Identity};
pub use clock::{TestClock, wall_clock};
pub use network::TestNetwork;
pub use random::Random;
pub use vault::MemoryVault;
pub use wait::{eventually, until};
