# Written by SlimDesk 0.1.0: scratch for hello (cpp)

FROM gcc:14-trixie AS build
WORKDIR /src
COPY . .
RUN mkdir -p /out && \
    gcc -O2 -static -pthread -o /out/hello ./hello.c -lm && \
    strip /out/hello && \
    readelf -lW /out/hello > /tmp/headers && \
    ! grep INTERP /tmp/headers

FROM build AS rootfs
RUN mkdir -p /rootfs/tmp && \
    chmod 1777 /rootfs/tmp

FROM scratch AS final
COPY --from=rootfs /rootfs/ /
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="scratch" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp scratch --component hello --path . --lines .FWvKz.KTskg.CnjrU.ReAAYPHZxvHdxwxmKLXfa..FUW98.RXoGfOaqA..F0jyE.Com7r.Ctnb4.UD4PA.LfuYSz5HwZkS9zNbZ.Elq6p.
