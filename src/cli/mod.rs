//! The command line: arguments in, files and exit codes out. One file per command.
