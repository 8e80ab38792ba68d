FROM maven:3.9-eclipse-temurin-21-noble
WORKDIR /usr/src/app
ADD . .
RUN mvn -q -B -DskipTests package
ENV PORT=8080
EXPOSE 8080
CMD java -jar target/*.jar
