"""VCF header lines: definitions for whatever a file's records use and its header forgot."""

from dnalm.variants import info_types
from dnalm.variants.info_types import OURS
from dnalm.variants.vcf import Vcf


def complete_header(vcf: Vcf, sizes: dict[str, int], why: str = "Not defined in the input") -> list[str]:
    """The header with a definition for each contig, INFO, FILTER and FORMAT name that the records use.

    Files in use lack many (HapMap's has one INFO line for four keys), and htslib then warns on each or gives up.
    Definitions of our own from an earlier run are dropped. INFO types are inferred from the values.
    """
    meta = [line for line in vcf.meta if not line.startswith((f"##INFO=<ID={OURS}", "##source=dnalm"))]
    records = vcf.records
    known = {kind: set(info_types.defined(meta, kind)) for kind in ("contig", "INFO", "FILTER", "FORMAT")}
    for name in dict.fromkeys(records.chrom):
        if name not in known["contig"]:
            meta.append(f"##contig=<ID={name},length={sizes[name]}>" if name in sizes else f"##contig=<ID={name}>")
    for key, kind in info_types.found(records["info"], known["INFO"]).items():
        meta.append(f'##INFO=<ID={key},Number={0 if kind == "Flag" else "."},Type={kind},Description="{why}">')
    filters = dict.fromkeys(name for text in records["filter"].unique() for name in text.split(";"))
    for name in filters:
        if name not in known["FILTER"] | {".", "PASS", ""}:
            meta.append(f'##FILTER=<ID={name},Description="{why}">')
    for key in vcf.formats:
        if key not in known["FORMAT"] | {".", ""}:
            meta.append(f'##FORMAT=<ID={key},Number={1 if key == "GT" else "."},Type=String,Description="{why}">')
    return meta
