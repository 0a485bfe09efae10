//! Rules on what only reading can see: decorators that cannot be applied, values of another phase, members that
//! are not what they seem. Only their names and pages stand here.

mod applying;
mod members;
mod phases;

pub use applying::*;
pub use members::*;
pub use phases::*;
