"""Native code for the CPU through LLVM: the default back end. Words become instructions, programs become functions of CPython."""
