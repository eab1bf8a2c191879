package server

// ProcessCPU is the processor time that this process has used.
var ProcessCPU = processCPU
