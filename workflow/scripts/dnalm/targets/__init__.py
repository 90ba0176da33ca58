"""Labelled windows of a factor or an assay, and the baselines there are to beat."""
