FROM golang:1.26-trixie
MAINTAINER Harbour Team <team@example.com>
ENV GREETING="hello"
WORKDIR /app
COPY . .
RUN go mod download
RUN go build -o server .
EXPOSE 8080
HEALTHCHECK CMD curl -f http://localhost:8080/healthz
CMD ./server
