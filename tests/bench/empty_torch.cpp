// The least that a program linked to LibTorch does: the start-up that tensor programs are held to.
#include "tensor/compute.h"

int main() { return easel::tensor::libtorch_version().empty(); }
