//! Tests that need no servers: the house's own rules, and journeys through the engine with scripted peers.

#[cfg(test)]
mod approval;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod cancel;
#[cfg(test)]
mod compose;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod detection;
#[cfg(test)]
mod door;
#[cfg(test)]
mod expected;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod folders;
#[cfg(test)]
mod gmail;
#[cfg(test)]
mod health;
#[cfg(test)]
mod kept_line;
#[cfg(test)]
mod large;
#[cfg(test)]
mod leave;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod load;
#[cfg(test)]
mod mailbox;
#[cfg(test)]
mod mirror;
#[cfg(test)]
mod odd;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod prove;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod reconnect;
#[cfg(test)]
mod searching;
#[cfg(test)]
mod services;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod token;
#[cfg(test)]
mod undo;
#[cfg(test)]
mod watch;
