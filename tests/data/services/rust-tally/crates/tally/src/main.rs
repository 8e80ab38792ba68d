//! Counts the words of its arguments.

use lexopt::prelude::*;

fn main() -> Result<(), lexopt::Error> {
    let mut total = 0;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(text) => total += words::count(&text.string()?),
            other => return Err(other.unexpected()),
        }
    }
    println!("{total} words");
    Ok(())
}
