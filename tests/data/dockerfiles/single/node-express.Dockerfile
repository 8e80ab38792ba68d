FROM node:24-trixie
LABEL org.example.team="orders"
WORKDIR /usr/src/app
COPY . .
RUN npm install
EXPOSE 3000
CMD ["npm", "start"]
