//! The room from outside: whole messages in, everything that the engine reads out.

#[cfg(test)]
mod broken;
#[cfg(test)]
mod charsets;
#[cfg(test)]
mod hostile_html;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod never_panics;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod samples;
