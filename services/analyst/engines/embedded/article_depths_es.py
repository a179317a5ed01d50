"""Paragraphs of a Spanish article that state no fact, where findings alone would be too terse."""

DEPTHS: tuple[tuple[str, ...], ...] = (
    (
        (
            "{figures} como estas se leen mejor como se lee un mapa: no como una lista de órdenes, "
            "sino como una imagen del terreno. Una parte resultará conocida y otra no, y la "
            "segunda suele merecer más atención. Lo interesante empieza donde el mapa y la propia "
            "experiencia no coinciden."
        ),
        (
            "Una palabra sobre el método. Cada afirmación sale de la fuente que la acompaña y, "
            "donde hemos acortado una frase, no hemos tocado su sentido. No hay cifras nuestras. "
            "Donde las fuentes callan, callamos también, y saberlo ayuda a poner cada cosa en su "
            "sitio."
        ),
        (
            "Si [trabajas|trabaja] en equipo, un ejercicio sencillo: leer estos puntos en voz alta "
            "y que cada persona diga sobre cuál actuaría. Las respuestas dicen tanto de las "
            "prioridades como de los datos, y más vale descubrirlo antes de decidir que después."
        ),
    ),
    (
        (
            "Es tentador buscar aquí una única respuesta. Da más resultado preguntarse qué no "
            "podía saber cada fuente: [tu|su] presupuesto, [tu|su] paciencia, lo que ya se ha "
            "intentado. Con esos huecos rellenos, una afirmación general se convierte en un "
            "consejo a medida."
        ),
        (
            "¿De dónde salen las respuestas? De las fuentes que figuran al final, frase por "
            "frase. Hemos preguntado, han contestado, y nuestras suposiciones se han quedado "
            "fuera del texto. Quien quiera hacer otras preguntas tiene ahí los enlaces."
        ),
        (
            "Queda una pregunta que merece una pausa: ¿qué tendría que pasar para cambiar de "
            "opinión? Escribirlo de antemano ayuda a ser honesto, y convierte la próxima noticia "
            "en una respuesta y no en una discusión."
        ),
    ),
    (
        (
            "Leer señales es cuestión de paciencia. Una sola puede ser ruido, dos pueden ser "
            "casualidad; solo la repetición hace un patrón. Por eso compensa elegir unas pocas, "
            "mirarlas siempre de la misma manera y no reaccionar a cada movimiento."
        ),
        (
            "Nos hemos ceñido a lo que cuentan las fuentes, sin añadir ningún pronóstico. Quien lo "
            "quiera puede hacerlo: basta suponer que todo sigue igual y preguntarse qué "
            "significaría. Y después suponer que se detiene, y preguntárselo otra vez."
        ),
        (
            "Llegar pronto no es precipitarse. Se puede preparar un cambio sin apostar por él, "
            "con solo saber cuál sería el primer movimiento. Esa clase de preparación cuesta poco "
            "y envejece bien."
        ),
    ),
    (
        (
            "Las comparaciones suelen torcerse antes de empezar, cuando cada parte escoge la "
            "vara de medir que más la favorece. Primero las medidas, a ser posible de quien no "
            "tenga nada que vender; los nombres, después. El orden lo cambia todo."
        ),
        (
            "Cada línea de este texto se puede seguir hasta su fuente, y eso mismo proponemos "
            "exigir a cualquier afirmación, también a las nuestras. Si alguien no sabe decir de "
            "dónde sale un dato, a otra columna y con menos peso."
        ),
        (
            "No conviene olvidar lo que no está en la lista. El trato, el encaje y la simple "
            "confianza caben mal en una tabla, y aun así cuentan. Los datos sirven para reducir "
            "el campo; para elegir, una conversación."
        ),
    ),
)
