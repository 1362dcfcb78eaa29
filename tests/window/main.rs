//! The real window: the application as people start it, on a screen that nobody sees, before a real mail office.
//! Needs the desktop application to be built: `cargo xtask test` does that.

#[cfg(test)]
mod account;
#[cfg(test)]
mod again;
#[cfg(test)]
mod certificate;
#[cfg(test)]
mod handover;
#[cfg(test)]
mod import;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod message;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod panel;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod start;
#[cfg(test)]
mod surroundings;
