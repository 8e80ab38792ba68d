# Written by SlimDesk 0.1.0: alpine for hello (cpp)

FROM gcc:14-trixie AS build
WORKDIR /src
COPY . .
RUN mkdir -p /out && \
    gcc -O2 -static -pthread -o /out/hello ./hello.c -lm && \
    strip /out/hello && \
    readelf -lW /out/hello > /tmp/headers && \
    ! grep INTERP /tmp/headers

FROM alpine:3.24 AS final
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="alpine:3.24" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="alpine" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp alpine --component hello --path . --lines .FWvKz.KTskg.CnjrU.ReAAYPHZxvHdxwxmKLXfa..FQrxm.Ctnb4.UD4PA.LfuYSqwYfz5HwAxMqzNbZ.Elq6p.
