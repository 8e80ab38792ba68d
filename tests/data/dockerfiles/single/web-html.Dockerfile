FROM nginx:1.30-trixie
COPY . /usr/share/nginx/html
EXPOSE 80
