# Written by SlimDesk 0.1.0: hardened for hello (cpp)

FROM gcc:14-trixie AS build
WORKDIR /src
COPY . .
RUN mkdir -p /out && \
    gcc -O2 -static -pthread -o /out/hello ./hello.c -lm && \
    strip /out/hello && \
    readelf -lW /out/hello > /tmp/headers && \
    ! grep INTERP /tmp/headers

FROM dhi.io/static:20250419-debian13 AS final
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="dhi.io/static:20250419-debian13" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="hardened" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp hardened --component hello --path . --lines .FWvKz.KTskg.CnjrU.ReAAYPHZxvHdxwxmKLXfa..FbrZe.Ctnb4.UD4PA.LfuYSS3giz5Hwn78tzNbZ.Elq6p.
