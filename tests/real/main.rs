//! Tests with real servers.
#![cfg(unix)]

#[cfg(test)]
mod archive;
#[cfg(test)]
mod arrivals;
#[cfg(test)]
mod command;
#[cfg(test)]
mod compose;
#[cfg(test)]
mod connect;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod folders;
#[cfg(test)]
mod huge;
#[cfg(test)]
mod independent;
#[cfg(test)]
mod keychain;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod mirror;
#[cfg(test)]
mod model;
#[cfg(test)]
mod office;
#[cfg(test)]
mod places;
mod probe;
#[cfg(test)]
mod prove;
#[cfg(test)]
mod send;
#[cfg(test)]
mod server;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod signin;
#[cfg(test)]
mod soak;
#[cfg(test)]
mod threads;
#[cfg(test)]
mod undo;
#[cfg(test)]
mod upkeep;
