FROM rust:1-alpine AS build
# Alpine offers the newest version of a package only.
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
RUN cargo install --locked --path . --root /out

FROM alpine:3
# For --since.
# hadolint ignore=DL3018
RUN apk add --no-cache git
COPY --from=build /out/bin/tritonlint /usr/local/bin/tritonlint
WORKDIR /models
ENTRYPOINT ["tritonlint"]
CMD ["check"]
