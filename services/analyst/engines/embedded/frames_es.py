"""The writer's own sentences, in Spanish. They state no fact: facts come from findings only.

`[tienes|tiene]` holds the words for a reader who is addressed as tú, and as usted.
"""

QUOTING = (
    "En palabras de {source}: {finding}",
    "{source} lo cuenta así: {finding}",
    "O, como dice {source}: {finding}",
    "Se lee en {source}: {finding}",
)

ACCORDING = (
    "Según {source}, {lowered}",
    "Como recoge {source}, {lowered}",
)

SUBJECTS: tuple[tuple[str, ...], ...] = (
    ("{short}", "{subject}: lo que dicen las fuentes", "Un dato con el que quedarse"),
    (
        "{subject}: ¿por dónde [empezarías|empezaría]?",
        "{topic}: ¿por dónde [empezarías|empezaría]?",
        "Una pregunta antes de decidir",
    ),
    (
        "{subject}: lo que puede venir",
        "{topic}: lo que puede venir",
        "Lo que puede venir y qué hacer",
    ),
    (
        "{topic}: primero los datos, luego las ofertas",
        "Primero los datos, luego las ofertas",
    ),
)

PREHEADERS = (
    "Un minuto de lectura, con la fuente al lado de cada {figure}.",
    "Lo que se sabe, de dónde sale y un siguiente paso.",
    "{subject}: lo que dicen las fuentes, qué se sigue de ello y qué hacer.",
    "{topic}: lo que dicen las fuentes, y qué preguntar después.",
    "Sin promesas: lo que se sabe y quién lo dice.",
)

WHY_US: tuple[tuple[str, ...], ...] = (
    (
        "Si [te|le] apetece ver cómo lo hace {business}, este es el sitio para empezar:",
        "¿Y cómo se lleva esto a la práctica? En {business} lo enseñamos aquí:",
    ),
    (
        "Cuando [quieras|quiera] buscar [tu|su] propia respuesta, aquí estamos:",
        "Nos encantará darle una vuelta a la pregunta con [tu equipo|su equipo]:",
    ),
    (
        "Si [prefieres|prefiere] llegar pronto que tarde, este es un primer paso:",
        "Para saber qué puede significar en [tu|su] caso, basta un paso pequeño:",
    ),
    (
        "[Comprueba|Compruebe] por [ti mismo|sí mismo] qué tal sale {business} en la comparación:",
        "[Somete|Someta] a {business} a la misma prueba:",
    ),
)

FILLERS = (
    (
        "Cada afirmación {links} con su fuente, de modo que en un minuto se puede comprobar y "
        "sacar una conclusión propia. Preferimos que [confíes|confíe] en las pruebas antes que en "
        "nuestra palabra."
    ),
    (
        "Lo que dicen las fuentes está arriba con sus propias palabras; lo que se sigue de ello "
        "es nuestra lectura. La [tuya|suya] puede ser otra, porque nadie sabe mejor dónde "
        "[estás|está] y qué [quieres|quiere] cambiar."
    ),
    (
        "Y una idea: [comparte|comparta] este mensaje con alguien que lo vea de otra manera. Dos "
        "personas que leen la misma línea pueden fijarse en cosas distintas."
    ),
    (
        "[Guarda|Guarde] las fuentes a mano: cuentan más de lo que cabe en un mensaje corto, "
        "también cómo se obtuvo cada {figure} y a quién describe."
    ),
)

HOOKS: tuple[tuple[str, ...], ...] = (
    ("{finding}", "{topic}: lo que dicen las fuentes."),
    ("¿Lo [habrías|habría] dicho? {finding}", "¿De qué [querrías|querría] estar seguro?"),
    ("Merece una segunda lectura. {finding}", "¿Qué viene ahora? Unas cuantas líneas."),
    ("Opiniones hay muchas. Las pruebas llevan algo más de tiempo.",),
)

POST_BRIDGES: tuple[tuple[str, ...], ...] = (
    ("Lo que completa el cuadro:", "Al lado, cada línea con su fuente:"),
    ("Esto es lo que dicen las fuentes:", "Tres líneas más, y quién las dice:"),
    ("Merece la pena leerlas juntas:", "Por separado dicen poco. Juntas, bastante más:"),
    ("Así que volvimos a las fuentes:", "Aquí van unas cuantas, con nombre y apellidos:"),
)

ANNOUNCEMENTS: tuple[tuple[str, ...], ...] = (
    (
        "{topic}: {business} ha reunido lo que se sabe.",
        "{business} ha reunido lo que dicen las fuentes.",
    ),
    ("{topic}: los datos en breve, reunidos por {business}.", "De {business}: los datos en breve."),
    (
        "{topic}: {business} mira lo que viene.",
        "{business} mira lo que está cambiando.",
    ),
    ("{topic}: {business} contrasta los datos.", "{business} contrasta los datos."),
)

ANNOUNCEMENT_LINKS: tuple[tuple[str, ...], ...] = (
    ("Y hay más.", "A esto se suma otro dato."),
    ("También consta lo siguiente.", "Y algo más."),
    ("Otro dato.", "Y una cosa más."),
    ("Al lado está esto.", "Otro más."),
)
