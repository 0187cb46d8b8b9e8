# docker run --rm --volume "$PWD:/src" pgconnlint [ARGUMENTS]
FROM python:3.13-slim AS build
COPY . /pgconnlint
RUN pip wheel --no-cache-dir --wheel-dir /wheels "/pgconnlint[terraform]"

FROM python:3.13-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*' \
    && useradd --create-home pgconnlint
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels "pgconnlint[terraform]"
USER pgconnlint
WORKDIR /src
ENTRYPOINT ["pgconnlint"]
CMD ["."]
