FROM node:24-trixie
WORKDIR /app
COPY . .
RUN npm ci
RUN npm run build
EXPOSE 4173
CMD ["npx", "vite", "preview", "--host"]
