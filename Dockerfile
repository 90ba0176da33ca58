# The environment of requirements.lock in an image; the workflow is the clone that one runs it in, mounted at /work:
#   docker build -t dnalm .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" dnalm snakemake --cores all
FROM debian:bookworm-slim
COPY Makefile requirements.lock /opt/dnalm/
COPY containers/install.sh /opt/dnalm/containers/
COPY workflow/scripts/install_bedtools.py /opt/dnalm/workflow/scripts/
RUN bash /opt/dnalm/containers/install.sh
ENV PATH=/opt/dnalm/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Whoever runs it may have no name and no home in here.
ENV USER=dnalm
ENV HOME=/tmp
WORKDIR /work
CMD ["snakemake", "--help"]
