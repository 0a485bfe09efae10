//! Hands the command line to the library.

fn main() {}
