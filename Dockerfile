# The server, alone in its image: no shell, no user but its own.
#
#   docker build -t evtui .
#   docker run -d --name evtui -p 127.0.0.1:8080:8080 -v evtui:/data evtui
#   docker exec -it evtui /evtui            # the terminal UI on it
ARG GO_VERSION=1.26

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION} AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# With .git the binary names its commit and tag; where that is no whole repository
# (a worktree), it is built without.
RUN git rev-parse HEAD >/dev/null 2>&1 || export GOFLAGS=-buildvcs=false; \
	CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /root-of-image/evtui . \
	&& install -d -m 0700 /root-of-image/data \
	&& install -d -m 1777 /root-of-image/tmp \
	&& install -D -m 0644 /etc/ssl/certs/ca-certificates.crt /root-of-image/etc/ssl/certs/ca-certificates.crt \
	&& chown -R 65532:65532 /root-of-image/data

FROM scratch
COPY --from=build /root-of-image /
USER 65532:65532
# Of every command run in the container. The address is the container's own:
# who may reach it from outside is docker's -p to say.
ENV EVTUI_DATA=/data EVTUI_LISTEN=0.0.0.0:8080 EVTUI_LOG_FORMAT=json HOME=/data
VOLUME /data
EXPOSE 8080
# There is no curl in here.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/evtui", "health", "--quiet"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/evtui"]
CMD ["serve"]
