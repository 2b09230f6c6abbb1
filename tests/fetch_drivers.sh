# Sourced by tests/run and tests/prove/run, from the project's root: fetches the
# drivers from their registries into build/. What a registry out of reach would
# have brought is named in `missing`.
missing=()

# A registry that hiccups is asked again.
again() {
	"$@" || { sleep 5; "$@"; } || { sleep 20; "$@"; }
}

venv=build/venv
stamp=$venv/.installed-$(sha256sum <tests/requirements.txt | cut -c1-12)
if [ ! -e "$stamp" ]; then
	python3 -m venv "$venv" || exit 1
	if again "$venv/bin/pip" install -q --disable-pip-version-check -r tests/requirements.txt; then
		touch "$stamp"
	else
		missing+=("Python drivers (psycopg, asyncpg, SQLAlchemy): pip could not install them")
	fi
fi
if command -v npm >/dev/null; then
	# npm writes this last
	if [ ! -e build/node/node_modules/.package-lock.json ]; then
		mkdir -p build/node
		cp tests/package.json build/node/
		again npm install --silent --no-audit --no-fund --prefix build/node >/dev/null 2>&1 ||
			missing+=("node-postgres: npm could not install it")
	fi
else
	missing+=("node-postgres: there is no npm here")
fi

# a JDK with Maven, and Go, are for whoever has them
pgjdbc=org.postgresql:postgresql:42.7.4
if command -v javac >/dev/null && command -v mvn >/dev/null; then
	jar=build/jdbc/postgresql-${pgjdbc##*:}.jar
	if [ ! -e "$jar" ]; then
		mkdir -p build/jdbc
		timeout 180 mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
			-Dartifact=$pgjdbc -DoutputDirectory="$PWD/build/jdbc" >/dev/null 2>&1 </dev/null ||
			missing+=("pgjdbc: Maven could not fetch it")
	fi
else
	missing+=("pgjdbc: there is no JDK with Maven here")
fi
if command -v go >/dev/null; then
	mkdir -p build/pgx
	# quick when it is built already
	timeout 300 go -C tests/drivers/pgx build -o "$PWD/build/pgx/crowd" . >/dev/null 2>&1 </dev/null ||
		{ rm -f build/pgx/crowd; missing+=("pgx: Go could not build tests/drivers/pgx"); }
else
	missing+=("pgx: there is no Go here")
fi
