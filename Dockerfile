# One image for every service; the command says which: python -m twin | connectors | vision_qc.service | sim
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/parktwin
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY twin ./twin
COPY connectors ./connectors
COPY vision_qc ./vision_qc
COPY maintenance ./maintenance
COPY sim ./sim
RUN /opt/parktwin/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/parktwin --create-home parktwin
COPY --from=build /opt/parktwin /opt/parktwin
ENV PATH=/opt/parktwin/bin:$PATH PYTHONUNBUFFERED=1 PARKTWIN_DATA_DIR=/var/lib/parktwin PARKTWIN_LOG_FORMAT=json
USER parktwin
WORKDIR /var/lib/parktwin
VOLUME /var/lib/parktwin
CMD ["parktwin", "--help"]
