"""VCF in, scores of alleles, VCF out."""
